"$KUSTOMIZE" edit add component ../part ../more
cat >kustomization.yaml <<'END'
resources: [../base, names.yaml]
components: [../part, ../more]
patches:
  - target: {kind: Deployment}
    patch: |-
      - {op: add, path: /spec/paused, value: true}
  - path: port.yaml
  - target: {kind: Deployment|StatefulSet, labelSelector: app!=other}
    patch: |-
      - {op: remove, path: /spec/replicas}
  - target: {kind: ConfigMap, name: extra}
    options: {allowNameChange: true}
    patch: |-
      - {op: replace, path: /metadata/name, value: "{{ .not.ours }}"}
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        paused: null
        template:
          spec:
            containers: [{name: log, $patch: delete}]
replacements:
  - source: {kind: ConfigMap, name: names, fieldPath: data.region}
    targets:
      - select: {kind: Deployment}
        fieldPaths: ["spec.template.spec.containers.[name=web].args.0"]
  - source: {kind: ConfigMap, name: names, fieldPath: data.host, options: {delimiter: ., index: 0}}
    targets:
      - select: {kind: Service}
        reject: [{name: other}]
        fieldPaths: [metadata.annotations.host]
        options: {create: true}
  - sourceValue: eu-1
    targets:
      - select: {kind: ConfigMap, name: names}
        fieldPaths: [data.zone]
        options: {create: true}
END
