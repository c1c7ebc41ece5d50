"""Stages that learn from labelled rows."""

from dataclasses import dataclass, field

from mm_rl.config.checks import require


@dataclass(kw_only=True, slots=True)
class OptimConfig:
    """AdamW."""

    lr: float = 1.0e-3
    beta1: float = 0.9
    beta2: float = 0.95
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    warmup_steps: int = 0
    """Steps of linear learning-rate warm-up; in RL counted anew after every optimizer reset."""


@dataclass(kw_only=True, slots=True)
class PhaseConfig:
    """A part of a stage with its own length and learning rates (k1.5 §2.5.2: 32k tokens and
    2e-5 to 2e-6, then 128k tokens and 1e-5 to 1e-6)."""

    share: float = 1.0
    """Share of the stage's steps."""
    max_length: int | None = None
    """Rows with more tokens wait for a later phase; a packed sequence has at most so many."""
    lr_from: float = 1.0e-3
    lr_to: float = 1.0e-4
    """Cosine from the first to the second over the phase."""
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        require(0 < self.share <= 1, "sft.phases.share", self.share, "is a share above 0, up to 1")
        for name in ("lr_from", "lr_to"):
            value = getattr(self, name)
            require(value > 0, f"sft.phases.{name}", value, "must be above 0")
        require(
            self.max_length is None or self.max_length >= 2,
            "sft.phases.max_length",
            self.max_length,
            "must be at least 2 tokens",
        )


@dataclass(kw_only=True, slots=True)
class SFTConfig:
    """Supervised fine-tuning on demonstrations: the warm-up before RL (k1.5 §2.2, §2.5.2)."""

    steps: int = 500
    batch_size: int = 64
    num_demonstrations: int = 4096
    """Different problems in the set; batches repeat them epoch after epoch."""
    answer_only_frac: float = 0.0
    """Share of demonstrations that give the answer without any reasoning."""
    answer_only_from: float = 0.0
    """Share of the stage before which those, too, are shown with their reasoning: reading pictures
    is learned from reasoning, which names what it sees, much faster than from bare answers."""
    easy_vqa_frac: float = 0.0
    """Share of the rows that comes from easy-vqa's training split (answer only)."""
    max_tokens_per_micro_batch: int = 2048
    packing: bool = False
    """Compute rows one behind the other in sequences of at most `sft.max_length` tokens, none of
    which sees another, instead of padding them; such a sequence is a micro-batch."""
    max_length: int | None = None
    """Rows with more tokens, prompt included, are passed over and counted; null: none are."""
    decay: bool = True
    """Cosine decay of the learning rate to a tenth."""
    phases: list[PhaseConfig] = field(default_factory=list)
    """Lengths and learning rates by phase, in place of `max_length`, `optim.lr` and `decay`."""
    optim: OptimConfig = field(default_factory=OptimConfig)

    def __post_init__(self) -> None:
        for name in ("answer_only_frac", "answer_only_from", "easy_vqa_frac"):
            value = getattr(self, name)
            require(0 <= value <= 1, f"sft.{name}", value, "is a share between 0 and 1")
        for name in ("steps", "batch_size"):
            value = getattr(self, name)
            require(value >= 1, f"sft.{name}", value, "must be at least 1")
        lengths = [phase.max_length for phase in self.phases] or [self.max_length]
        require(
            not self.packing or None not in lengths,
            "sft.packing",
            self.packing,
            "needs sft.max_length, or that of every phase: how long a packed sequence may be",
        )
        if self.phases:
            total = sum(phase.share for phase in self.phases)
            require(abs(total - 1) < 1e-6, "sft.phases", total, "shares must add up to 1")
            require(
                self.optim.warmup_steps == 0,
                "sft.optim.warmup_steps",
                self.optim.warmup_steps,
                "with sft.phases give every phase its own warmup_steps, and 0 here",
            )


@dataclass(kw_only=True, slots=True)
class PretrainConfig:
    """Vision-language pretraining in three phases (k1.5 §2.5.1); `sft.steps` is their sum."""

    text_share: float = 0.25
    """Share of the steps that train the language model on text alone."""
    vision_share: float = 0.35
    """Share of the steps that train vision tower and projector for a frozen language model; the
    rest trains everything."""
    vision_text_to: float = 0.3
    """Share of image rows that the last phase ends with, rising linearly from 0."""
    description_frac: float = 0.5
    """Share of image rows that read the image out (or describe it); the others are questions."""

    def __post_init__(self) -> None:
        for name in ("text_share", "vision_share", "vision_text_to", "description_frac"):
            value = getattr(self, name)
            require(0 <= value <= 1, f"pretrain.{name}", value, "is a share between 0 and 1")
        require(
            self.text_share + self.vision_share <= 1,
            "pretrain.text_share",
            self.text_share,
            f"and pretrain.vision_share={self.vision_share} exceed 1 together",
        )


@dataclass(kw_only=True, slots=True)
class CooldownConfig:
    """Curated and synthetic questions after pretraining (k1.5 §2.5.1)."""

    text_frac: float = 0.25
    """Share of the rows that asks the text twin of a problem, without its image."""

    def __post_init__(self) -> None:
        require(
            0 <= self.text_frac <= 1,
            "cooldown.text_frac",
            self.text_frac,
            "is a share between 0 and 1",
        )


@dataclass(kw_only=True, slots=True)
class LongContextConfig:
    """Long-context activation in steps of the length (k1.5 §2.5.1: 4,096, 32,768, 131,072 tokens
    and a RoPE base of 1,000,000)."""

    lengths: list[int] = field(default_factory=lambda: [256, 512, 1024])
    """Tokens per sequence; each length gets the same number of steps."""
    rope_bases: list[float] = field(default_factory=lambda: [500.0, 1000.0, 2000.0])
    """Base of the rotary positions at each length."""
    full_attention_frac: float = 0.4
    """Share of the sequences that are one long document, over the steps; the others are short
    rows, packed."""
    image_frac: float = 0.5
    """Share of the long documents made of several images instead of several texts."""

    def __post_init__(self) -> None:
        require(
            len(self.lengths) == len(self.rope_bases) >= 1,
            "longctx.rope_bases",
            self.rope_bases,
            f"give one base for each of longctx.lengths={self.lengths}",
        )
        require(min(self.lengths) >= 2, "longctx.lengths", self.lengths, "must be 2 or more")
        require(min(self.rope_bases) > 1, "longctx.rope_bases", self.rope_bases, "must exceed 1")
        for name in ("full_attention_frac", "image_frac"):
            value = getattr(self, name)
            require(0 <= value <= 1, f"longctx.{name}", value, "is a share between 0 and 1")
