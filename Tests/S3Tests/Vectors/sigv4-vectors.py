#!/usr/bin/env python3
"""Prints the signatures that SignatureTests.swift compares ours with: botocore's, of requests like ours.

Needs botocore (seen with 1.44.5). Nothing is sent anywhere.
"""
import datetime, hashlib
import botocore, botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 11, 21, 5, 24, 0)
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW

CREDENTIALS = Credentials("ASIAEXAMPLE", "secret/with+signs", "token/with+signs==")
REGION = "eu-central-1"


def header_signature(method, url, data=b"", headers=None):
    request = AWSRequest(method=method, url=url, data=data, headers=headers or {})
    request.context["payload_signing_enabled"] = True
    botocore.auth.S3SigV4Auth(CREDENTIALS, "s3", REGION).add_auth(request)
    return request.headers["Authorization"]


def presigned(url, seconds):
    request = AWSRequest(method="GET", url=url)
    botocore.auth.S3SigV4QueryAuth(CREDENTIALS, "s3", REGION, expires=seconds).add_auth(request)
    return request.url


print("botocore", botocore.__version__)
base = "http://127.0.0.1:9000/bucket/pre/originals/0a/0a.1-b"
print("get    ", header_signature("GET", base, headers={"range": "bytes=0-1048575"}))
print("put    ", header_signature("PUT", base, data=b"hello"))
print("part   ", header_signature("PUT", base + "?partNumber=3&uploadId=a%2Fb%2Bc%3D%3D", data=b"hello"))
print("list   ", header_signature(
    "GET", "http://127.0.0.1:9000/bucket/?continuation-token=1%2B%2F%3D&encoding-type=url&list-type=2&prefix=pre%2Fresults%2F"))
disposition = "attachment%3B%20filename%3D%22a%20b.png%22%3B%20filename%2A%3DUTF-8%27%27%C3%BC.png"
print("presign", presigned(
    base + f"?response-content-type=image%2Fpng&response-content-disposition={disposition}", 900))
print("sha256 ", hashlib.sha256(b"hello").hexdigest())
