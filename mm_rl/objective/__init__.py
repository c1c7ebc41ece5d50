"""Advantages and policy losses: pure functions on tensors (k1.5 §2.3.2)."""
