"""Uploads a finished set to the Hugging Face hub."""

import importlib
import os
from pathlib import Path
from typing import Any

from data_synth.storage import problem_files


def push_to_hub(
    folder: Path, repo: str, *, private: bool = False, endpoint: str | None = None
) -> str:
    """Upload a folder as a data set; returns its address. Repeating it uploads what is missing.

    The token is that of `hf auth login` or of the environment (HF_TOKEN).

    Args:
        folder: a set with its card.
        repo: NAME or OWNER/NAME, created if it does not exist.
        private: whether a new repository is private.
        endpoint: another hub than the default one or that of HF_ENDPOINT.

    Raises:
        ValueError: no set there, no package, nobody logged in, a name or an upload that the hub
            refuses, or no connection to it.
    """
    problem_files(folder)
    check_push(repo)
    hub = _hub()
    api = hub.HfApi(endpoint=endpoint or os.environ.get("HF_ENDPOINT"))
    try:
        created = api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        api.upload_folder(
            repo_id=created.repo_id,
            folder_path=str(folder),
            repo_type="dataset",
            commit_message=f"Upload {folder.name}",
            allow_patterns=["*.parquet", "*.md", "*.png"],
        )
    except (hub.errors.HfHubHTTPError, hub.errors.HFValidationError) as error:
        raise ValueError(f"the hub refused {repo}: {error}") from error
    except Exception as error:
        # Releases differ in the HTTP client below them, and so in what a lost connection raises.
        if not type(error).__module__.startswith(("httpx", "httpcore", "requests")):
            raise
        raise ValueError(
            f"cannot reach the hub at {api.endpoint} ({error}): the set is complete in {folder}, "
            "push it again when there is a connection"
        ) from error
    return str(created)


def check_push(repo: str) -> None:
    """Raise ValueError if a push is bound to fail; cheap, to be asked before hours of work."""
    hub = _hub()
    if hub.constants.HF_HUB_OFFLINE:
        raise ValueError("cannot push to the hub while HF_HUB_OFFLINE is set: unset it")
    if not hub.get_token():
        raise ValueError(
            f"cannot push to {repo}, for nobody is logged in: run `hf auth login` or set HF_TOKEN"
        )
    try:
        hub.utils.validate_repo_id(repo)
    except hub.errors.HFValidationError as error:
        raise ValueError(f"--push-to-hub {repo}: {error}") from error


def _hub() -> Any:
    try:
        hub = importlib.import_module("huggingface_hub")
        for name in ("constants", "errors", "utils"):
            importlib.import_module(f"huggingface_hub.{name}")
    except ImportError as error:
        raise ValueError(
            "--push-to-hub needs the package huggingface_hub: run `pip install 'mm_rl[sources]'`"
        ) from error
    return hub
