"""Key-value storage of the in-process engine: one slot per running completion.

Running rows occupy slots 0..n-1 without gaps, so a decoding step reads plain views, never a gather
over the whole cache. Rows have lengths of their own: each step writes one key and value per row at
that row's length. When a row leaves, the last running row is copied into its slot.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import CacheLayerMixin, DynamicCache, DynamicLayer


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
        """Write `[n, heads, 1, head_dim]` at each row's length; return views of running rows."""
        assert self.keys is not None and self.values is not None
        rows, lengths, width = self.owner.rows, self.owner.lengths, self.owner.width
        # Under autocast a model may hand over other dtypes in decoding than in the prefill.
        self.keys[rows, :, lengths] = key_states[:, :, 0].to(self.keys.dtype)
        self.values[rows, :, lengths] = value_states[:, :, 0].to(self.values.dtype)
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
        """
        Raises:
            ValueError: a layer keeps something else than all keys and values.
        """
        self._slots: list[Any] = []
        for layer in like.layers:
            if type(layer) is not DynamicLayer:
                raise ValueError(
                    f"the in-process engine holds full attention only, but this model has a "
                    f"{type(layer).__name__}: choose a model without sliding or linear attention"
                )
            assert layer.keys is not None and layer.values is not None
            _, num_heads, _, key_dim = layer.keys.shape
            self._slots.append(
                _SlotLayer(
                    self,
                    layer.keys.new_zeros(num_slots, num_heads, capacity, key_dim),
                    layer.values.new_zeros(num_slots, num_heads, capacity, layer.values.shape[3]),
                )
            )
        super().__init__(layers=self._slots)
        device = self._slots[0].keys.device
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
        sources: list[Any] = prefilled.layers
        for layer, source in zip(self._slots, sources, strict=True):
            layer.keys[slots, :, :length] = source.keys[row, :, :length]
            layer.values[slots, :, :length] = source.values[row, :, :length]

    def move(self, source: int, target: int, length: int) -> None:
        """Copy a running row into a slot that became free."""
        for layer in self._slots:
            layer.keys[target, :, :length] = layer.keys[source, :, :length]
            layer.values[target, :, :length] = layer.values[source, :, :length]
