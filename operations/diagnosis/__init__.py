"""What the doctor looks at: servers, processes, set-up. Every finding says what to do about it."""

from operations.diagnosis.base import Finding, Level, Probe
from operations.diagnosis.examination import PROBES, examine

__all__ = ["PROBES", "Finding", "Level", "Probe", "examine"]
