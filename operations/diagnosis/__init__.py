"""What the doctor looks at: servers, processes, set-up. Every finding says what to do about it."""

from operations.diagnosis.examination import PROBES, examine
from operations.diagnosis.grammar import Finding, Level, Probe

__all__ = ["PROBES", "Finding", "Level", "Probe", "examine"]
