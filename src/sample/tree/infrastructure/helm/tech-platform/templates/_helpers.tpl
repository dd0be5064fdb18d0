{{- define "tech-platform.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "tech-platform.image" -}}
{{ .root.Values.registry }}/{{ .app }}:{{ .root.Values.release }}
{{- end -}}
