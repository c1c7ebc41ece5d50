"""Programs that attack the sandbox, and what must hold whatever they do."""
