#!/usr/bin/env bash
# Runs inside the LocalStack container when it is ready: deploys the packaged template as `aws cloudformation` does on AWS.
set -euo pipefail

package=/opt/shopfloor/package
stack=shopfloor-local
bucket=shopfloor-artifacts

awslocal s3 mb "s3://$bucket" 2>/dev/null || true
awslocal cloudformation package --template-file "$package/sam.json" --s3-bucket "$bucket" --use-json \
    --output-template-file /tmp/packaged.json
awslocal cloudformation deploy --stack-name "$stack" --template-file /tmp/packaged.json --s3-bucket "$bucket" \
    --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset
id=$(awslocal cloudformation describe-stacks --stack-name "$stack" \
    --query "Stacks[0].Outputs[?OutputKey=='RestAPIId'].OutputValue" --output text)
echo "ready: http://127.0.0.1:4566/_aws/execute-api/$id/api/api/healthcheck/service"
