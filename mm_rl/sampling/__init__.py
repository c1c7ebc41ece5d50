"""Samplers choose which prompts the next iteration draws (k1.5 §2.3.4)."""
