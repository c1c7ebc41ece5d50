"""Rewards: answer extraction, typed verifiers and the length reward (k1.5 §2.3.3, §2.3.5)."""
