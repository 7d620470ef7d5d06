"$KUSTOMIZE" edit add label --without-selector --include-templates tier:back region:eu
