"""Lets python-jsonschema judge YAML files as PyYAML reads them: schema.py SCHEMA FILE...

A line for each file: `sound`, or where the first fault is and what the validator says of it.
"""

import json
import pathlib
import sys

import jsonschema
import yaml

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for file in sys.argv[2:]:
    document = yaml.safe_load(pathlib.Path(file).read_text())
    fault = jsonschema.exceptions.best_match(validator.iter_errors(document))
    print("sound" if fault is None else f"{fault.json_path}: {fault.message}")
