"""The replay buffer: groups that wait for their stragglers (k1.5 §2.6.2)."""
