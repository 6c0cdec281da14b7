"""Starter sets: what a bakery, a barbershop, a salon or a clinic begins with, taken and put away with one click."""
