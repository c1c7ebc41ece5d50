"""Rewards: the verdict on an answer, the length reward, and their sum (k1.5 §2.3.3)."""
