"""Rollouts: sampling completions from the policy in segments (k1.5 §2.6.2)."""
