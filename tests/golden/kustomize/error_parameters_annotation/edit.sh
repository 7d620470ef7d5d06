"$KUSTOMIZE" edit add annotation owner:payments
