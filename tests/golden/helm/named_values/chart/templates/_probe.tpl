{{- define "probe" -}}
types: {{ typeOf . }} {{ typeOf .Values }} {{ typeOf .Values.t }} {{ typeOf .Template }} {{ kindOf .Values }}
asMap: {{ typeOf .Values.AsMap }} {{ .Values.AsMap.x }} {{ typeOf .AsMap }}
table: {{ .Values.Table "t" | typeOf }} {{ (.Values.Table "t").u }} {{ (.Values.Table "t.deep").er }}
pathValue: {{ .Values.PathValue "x" }} {{ .Values.PathValue "t.deep.er" }} {{ typeOf (.Values.PathValue "l") }}
yaml: {{ .Values.YAML | quote }}
passed: {{ typeOf (set .Values "k" 1) }} {{ typeOf (deepCopy .Values) }} {{ typeOf (merge .Values (dict "q" 1)) }} {{ typeOf (default dict .Values) }}
is: {{ typeIs "common.Values" .Values }} {{ typeIs "map[string]interface {}" .Values }} {{ kindIs "map" .Values }}
kept: {{ typeOf (index (dict "v" .Values) "v") }} {{ tpl "{{ typeOf . }} {{ typeOf .Values }}" . }}
shown: {{ printf "%T %#v" .Values (pick .Values "x") | quote }}
{{- end }}
