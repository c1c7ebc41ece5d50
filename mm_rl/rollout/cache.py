"""Key-value storage of the in-process engine: one slot per running completion.

Running rows occupy slots 0..n-1 without gaps, so a decoding step reads plain views, never a gather
over the whole cache. Rows have lengths of their own: each step writes one key and value per row at
that row's length. When a row leaves, the last running row is copied into its slot.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import CacheLayerMixin, DynamicCache


class _SlotLayer(CacheLayerMixin):
    """One attention layer's slots: `[slots, heads, capacity, head_dim]` keys and values."""

    is_sliding = False

    def __init__(self, owner: "SlotCache", keys: Tensor, values: Tensor) -> None:
        super().__init__()
        self.keys, self.values = keys, values
        self.owner = owner
        self.is_initialized = True

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Nothing to do: storage is allocated with the cache."""

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Write `[n, heads, 1, head_dim]` at each row's length; return views of all running rows."""
        rows, lengths, width = self.owner.rows, self.owner.lengths, self.owner.width
        self.keys[rows, :, lengths] = key_states[:, :, 0]
        self.values[rows, :, lengths] = value_states[:, :, 0]
        return self.keys[: len(rows), :, :width], self.values[: len(rows), :, :width]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.owner.width, 0

    def get_seq_length(self) -> int:
        return self.owner.width - 1

    def get_max_length(self) -> int:
        assert self.keys is not None
        return self.keys.shape[2]


class SlotCache(Cache):
    """The slots of all layers, shaped after the cache that a prefill produced."""

    def __init__(self, like: DynamicCache, *, num_slots: int, capacity: int) -> None:
        layers = []
        for layer in like.layers:
            shape = (num_slots, layer.keys.shape[1], capacity)
            layers.append(
                _SlotLayer(
                    self,
                    layer.keys.new_zeros(*shape, layer.keys.shape[3]),
                    layer.values.new_zeros(*shape, layer.values.shape[3]),
                )
            )
        super().__init__(layers=layers)
        self.capacity = capacity
        device = like.layers[0].keys.device
        self.rows = torch.arange(0, device=device)
        self.lengths = torch.zeros(0, dtype=torch.long, device=device)
        self.width = 0

    def begin_step(self, lengths: Tensor) -> Tensor:
        """Prepare one decoding step of rows that hold `lengths` tokens each.

        Returns:
            `[n, 1, 1, width]` boolean mask: each row sees its own tokens and the one being written.
        """
        self.rows = torch.arange(len(lengths), device=lengths.device)
        self.lengths = lengths
        self.width = int(lengths.max()) + 1
        positions = torch.arange(self.width, device=lengths.device)
        return (positions <= lengths[:, None])[:, None, None, :]

    def load(self, slots: Tensor, prefilled: DynamicCache, row: int, length: int) -> None:
        """Copy the first `length` positions of one prefilled row into every slot of `slots`."""
        for layer, source in zip(self.layers, prefilled.layers, strict=True):
            layer.keys[slots, :, :length] = source.keys[row, :, :length]
            layer.values[slots, :, :length] = source.values[row, :, :length]

    def move(self, source: int, target: int, length: int) -> None:
        """Copy a running row into a slot that became free."""
        for layer in self.layers:
            layer.keys[target, :, :length] = layer.keys[source, :, :length]
            layer.values[target, :, :length] = layer.values[source, :, :length]
