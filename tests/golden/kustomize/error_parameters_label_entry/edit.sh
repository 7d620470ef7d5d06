"$KUSTOMIZE" edit add label --without-selector team:payments
