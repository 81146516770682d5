"""What Mage's user interface asks of a pipeline's source; runs in Mage's own environment.

python asked.py PROJECT PIPELINE discover STREAM...
python asked.py PROJECT PIPELINE test_connection
"""

import json
import subprocess
import sys
from typing import Any

from mage_ai.settings.repo import set_repo_path

project, pipeline, question, *streams = sys.argv[1:]
set_repo_path(project)

# Mage reads the project's settings as its modules are imported.
from mage_ai.data_preparation.models.constants import BlockType  # noqa: E402
from mage_ai.data_preparation.models.pipelines.integration_pipeline import IntegrationPipeline  # noqa: E402


def run_patiently(command: list[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
    """Run a program for longer than the ten seconds of Mage, which its own imports take on a busy machine."""
    return run(command, **{**options, "timeout": None})


run = subprocess.run
subprocess.run = run_patiently
asked = IntegrationPipeline(pipeline, repo_path=project)
if question == "discover":
    answer = asked.discover(streams)
else:
    answer = {"error": ""}
    try:
        asked.test_connection(BlockType.DATA_LOADER, config=json.dumps(asked.source_config["config"]))
    except Exception as error:  # noqa: BLE001  Mage raises nothing more special
        answer = {"error": str(error)}
print(json.dumps(answer))
