"""Walks through the desk in a real browser, as a person does its jobs."""
