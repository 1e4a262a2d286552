{{- define "rcs.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "rcs.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "rcs.labels" -}}
{{ include "rcs.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "rcs.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The name of the Secret, or nothing. */}}
{{- define "rcs.secret" -}}
{{- if .Values.existingSecret.name }}{{ .Values.existingSecret.name }}
{{- else if .Values.secrets }}{{ include "rcs.fullname" . }}{{ end }}
{{- end }}

{{/* The properties of all pods, one a line. The values of `properties` win. */}}
{{- define "rcs.properties" -}}
{{- $all := dict "adminListen" (printf "0.0.0.0:%v" .Values.admin.port) "drainTimeout" .Values.drainSeconds }}
{{- with .Values.tenant }}
  {{- with .url }}{{ $_ := set $all "url" (join " " .) }}{{ end }}
  {{- with .tokenEndpoint }}{{ $_ := set $all "tokenEndpoint" . }}{{ end }}
  {{- with .clientId }}{{ $_ := set $all "clientId" . }}{{ end }}
{{- end }}
{{- if .Values.server.enabled }}{{ $_ := set $all "port" .Values.server.port }}{{ end }}
{{- $all = merge (deepCopy .Values.properties) $all }}
{{- if not (or $all.url .Values.server.enabled) }}{{ fail "tenant.url: name the tenant's end points, or set server.enabled" }}{{ end }}
{{- if and $all.url (not (include "rcs.secret" .)) }}{{ fail "existingSecret.name: name the Secret with the key client-secret, or give secrets" }}{{ end }}
{{- range $key, $value := $all }}
  {{- /* A number comes as a float, and a backslash means something in a properties file. */}}
  {{- if kindIs "float64" $value }}{{ $value = int64 $value }}{{ end }}
  {{- printf "connectorserver.%s=%s\n" $key (toString $value | replace "\\" "\\\\" | replace "\n" "\\n") }}
{{- end }}
{{- end }}
