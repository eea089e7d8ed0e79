"""Writes aws/template/testdata/handlers.json: the rights that CloudFormation's handlers need, for each type of the template.

They come from CloudFormation's resource schemas, of which cfn-lint carries a copy. Run it after scripts/venv aws, with
.venv/aws/bin/python scripts/aws/handlers.py, when the template has a new type or cfn-lint has a new version. Handlers that list are
left out: a deployment lists nothing."""
import importlib.metadata
import json
import pathlib
import re

import cfnlint

root = pathlib.Path(__file__).parent.parent.parent
kinds = set(re.findall(r"^    Type: (AWS::\S+)", (root / "aws/template/template.yaml").read_text(), re.M))
rights = {}
for file in (pathlib.Path(cfnlint.__file__).parent / "data/schemas/resources").glob("*.json"):
    schema = json.loads(file.read_text())
    if schema.get("typeName") in kinds:
        rights[schema["typeName"]] = {
            name: sorted(set(handler.get("permissions", [])))
            for name, handler in sorted(schema["handlers"].items())
            if name != "list"
        }
missing = kinds - rights.keys()
if missing:
    raise SystemExit(f"cfn-lint has no schema of {missing}")
out = {"source": "cfn-lint " + importlib.metadata.version("cfn-lint"), "types": dict(sorted(rights.items()))}
(root / "aws/template/testdata/handlers.json").write_text(json.dumps(out, indent=1) + "\n")
