"""Reinforcement learning of vision-language models with the Kimi k1.5 recipe."""
