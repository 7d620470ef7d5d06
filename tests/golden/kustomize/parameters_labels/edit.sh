"$KUSTOMIZE" edit add label --force --without-selector tier:back region:eu
