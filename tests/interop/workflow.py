"""Prints the commands of a workflow: for each job its environment, the actions that it uses, and the name and command of each step."""

import json
import sys

import yaml

with open(sys.argv[1]) as file:
    workflow = yaml.safe_load(file)
jobs = {}
for name, job in workflow["jobs"].items():
    steps = job["steps"]
    jobs[name] = {
        "env": job.get("env", {}),
        "uses": [step["uses"] for step in steps if "uses" in step],
        "run": [[step["name"], step["run"]] for step in steps if "run" in step],
    }
print(json.dumps(jobs))
