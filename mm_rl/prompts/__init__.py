"""Prompt sets and the image store that rollouts, training and the report share."""
