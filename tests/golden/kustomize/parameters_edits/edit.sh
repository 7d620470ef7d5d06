"$KUSTOMIZE" edit set nameprefix -- new-
"$KUSTOMIZE" edit set namesuffix -- -new
"$KUSTOMIZE" edit set image \
  registry.example.com:5000/shop/web=registry.example.com:5000/shop/web2:1.1 \
  'nginx=*:1.27' \
  quay.io/log/agent=quay.io/log/agent2 \
  postgres:16@sha256:1111111111111111111111111111111111111111111111111111111111111111
"$KUSTOMIZE" edit set replicas web=4 db=3
"$KUSTOMIZE" edit add label region:eu example.com/cost:c-1
"$KUSTOMIZE" edit add annotation owner:payments
"$KUSTOMIZE" edit set namespace -- prod
