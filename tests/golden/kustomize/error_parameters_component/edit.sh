echo 'components: [../absent]' >>kustomization.yaml
