"""Reward models: judges that read question, reference and response (k1.5 §2.3.5)."""
