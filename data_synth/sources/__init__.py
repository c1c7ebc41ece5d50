"""Data that nobody here generated, read into `Problem` rows: `SOURCES` by name."""

from collections.abc import Mapping
from types import MappingProxyType

from data_synth.sources.arc import ArcGrids
from data_synth.sources.base import Source
from data_synth.sources.code_output import CruxEval, PythonOutput
from data_synth.sources.digits import HandwrittenDigits
from data_synth.sources.easy_vqa import EasyVqa
from data_synth.sources.hub import HUB_SOURCES
from data_synth.sources.math_text import Gsm8k, Math
from data_synth.sources.photos import RealPhotos
from data_synth.sources.reasoning_gym import reasoning_gym_sources
from data_synth.sources.tables import VegaCharts
from data_synth.sources.world_map import WorldMap

_IN_PACKAGES: tuple[Source, ...] = (
    ArcGrids(),
    EasyVqa(),
    HandwrittenDigits(),
    PythonOutput(),
    RealPhotos(),
    VegaCharts(),
    WorldMap(),
)
_TEXT_SETS: tuple[Source, ...] = (CruxEval(), Gsm8k(), Math())

SOURCES: Mapping[str, Source] = MappingProxyType(
    {source.name: source for source in (*_IN_PACKAGES, *HUB_SOURCES, *_TEXT_SETS)}
    | reasoning_gym_sources()
)
"""Every data set that can be read: what packages ship, what is published, text problems."""

__all__ = ["SOURCES", "Source"]
