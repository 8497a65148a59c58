"""Drives the simulated account with boto3, which is not ours: a table of answers for each operation, every request and
response held against botocore's service models. Written from those models and AWS's API reference, never from the
simulator's source.

    AWS_ENDPOINT_URL    the account at the clock's speed       SIM_FAST_URL     the same account, sped up
    SIM_FAULTY_URL      the same, with calls that fail         SIM_REGION, SIM_ROLE, AWS_ACCESS_KEY_ID, ..._SECRET_...
"""

import sys

import cases_guardduty  # noqa: F401
import cases_securityhub  # noqa: F401
import cases_securityhub_tickets  # noqa: F401
import cases_ssm  # noqa: F401
import cases_ssm_places  # noqa: F401
import cases_iam  # noqa: F401
import cases_ec2  # noqa: F401
import cases_ec2_more  # noqa: F401
import cases_simulate  # noqa: F401
import cases_s3  # noqa: F401
import cases_s3_policy  # noqa: F401
import cases_lambda  # noqa: F401
import cases_sns  # noqa: F401
import cases_events  # noqa: F401
import cases_balanced  # noqa: F401
import cases_sfn  # noqa: F401
import cases_config  # noqa: F401
import cases_sso  # noqa: F401
import cases_resolver  # noqa: F401
import cases_faults  # noqa: F401
import harness

if __name__ == "__main__":
    sys.exit(1 if harness.run() else 0)
