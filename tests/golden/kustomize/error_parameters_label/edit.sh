"$KUSTOMIZE" edit add label team:payments
