"""Training stages: peers that share loading, batching, checkpoints, metrics and evaluation."""
