cat >kustomization.yaml <<'END'
resources: [../base]
images:
  - {name: nginx, newName: mirror.example.com/nginx, newTag: "1.28"}
  - {name: postgres, newName: mirror.example.com/postgres, newTag: "17"}
  - {name: busybox, newName: nginx}
  - {name: registry.example.com:5000/shop/web, newName: mirror.example.com/web, digest: "sha256:3333333333333333333333333333333333333333333333333333333333333333"}
END
