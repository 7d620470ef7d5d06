"$KUSTOMIZE" edit add label --force team:payments
"$KUSTOMIZE" edit add annotation --force owner:payments
