"""`quell findings --json` against moto's Security Hub, a server that is not ours: 250 imported findings, over its pages.

    moto_findings.py QUELL      the program to run
"""

import json
import os
import subprocess
import sys
import tempfile
import threading

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

REGION = "eu-central-1"
HOW_MANY = 250
ACCOUNT = "123456789012"
LABELS = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]


class Counting:
    """moto, with a count of the pages that are asked of GetFindings: `POST /findings`."""

    def __init__(self):
        self.app = DomainDispatcherApplication(create_backend_app)
        self.pages = 0

    def __call__(self, environ, start_response):
        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/findings"):
            self.pages += 1
        return self.app(environ, start_response)


class Quiet(WSGIRequestHandler):
    """A server that does not write a line for each request."""

    def log(self, *_):
        pass


def finding(number):
    """A finding as a product writes it; it says nothing of its region."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:finding/{number:04d}",
        "ProductArn": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default",
        "GeneratorId": "outside-test",
        "AwsAccountId": ACCOUNT,
        "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
        "CreatedAt": "2026-11-20T08:00:00Z",
        "UpdatedAt": f"2026-11-20T{8 + number // 60:02d}:{number % 60:02d}:00Z",
        "Severity": {"Label": LABELS[number % 5]},
        "Title": f"Finding number {number}",
        "Description": "Imported to be read back.",
        "Resources": [{"Type": "AwsEc2Instance", "Id": f"i-{number:017x}"}],
    }


def check(rows, told, pages):
    """What is wrong, as lines."""
    wanted = [finding(n)["Id"] for n in range(HOW_MANY)]
    got = [row["id"] for row in rows]
    if sorted(got) != wanted:
        missing, more = set(wanted) - set(got), [i for i in got if got.count(i) > 1 or i not in wanted]
        yield f"{len(got)} rows; missing {sorted(missing)[:5]}, too many {more[:5]}"
    if pages < 3:
        yield f"{pages} pages were asked for"
    for row in rows:
        number = int(row["id"][-4:])
        expected = {"region": REGION, "account": ACCOUNT, "title": f"Finding number {number}", "via": "securityhub"}
        wrong = {k: row[k] for k, v in expected.items() if row[k] != v}
        if wrong or row["severity"]["label"] != LABELS[number % 5]:
            yield f"{row['id']}: {wrong} {row['severity']}"
            break
    if told.strip():
        print(f"standard error: {told}")


def main(quell):
    app = Counting()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    hub = boto3.client("securityhub", region_name=REGION, endpoint_url=endpoint, aws_access_key_id="testing",
                       aws_secret_access_key="testing")
    hub.enable_security_hub()
    for first in range(0, HOW_MANY, 100):
        batch = [finding(n) for n in range(first, min(first + 100, HOW_MANY))]
        answer = hub.batch_import_findings(Findings=batch)
        assert answer["SuccessCount"] == len(batch), answer
    assert all("Region" not in f for f in hub.get_findings()["Findings"]), "moto adds a region: the test shows nothing"
    app.pages = 0
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION,
               "AWS_EC2_METADATA_DISABLED": "true"} | keys
        command = [quell, "--state-dir", os.path.join(home, "state"), "findings", "--json"]
        ran = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    wrong = list(check(rows, ran.stderr, app.pages))
    if ran.returncode != 0:
        wrong.append(f"exit code {ran.returncode}")
    print(f"{len(rows)} findings over {app.pages} pages")
    for line in wrong:
        print(f"FAIL {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
