package deploy_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/service"
)

// directives are those of systemd's manual, by section: systemd.unit(5), systemd.service(5), systemd.exec(5),
// systemd.kill(5). Those that have nothing to do with a service as this are left out.
var directives = map[string]string{
	"Unit": `Description Documentation Wants Requires Requisite BindsTo PartOf Upholds Conflicts Before After OnFailure OnSuccess
		StartLimitIntervalSec StartLimitBurst StartLimitAction ConditionPathExists AssertPathExists RequiresMountsFor`,
	"Service": `Type ExitType RemainAfterExit ExecStart ExecStartPre ExecStartPost ExecCondition ExecReload ExecStop ExecStopPost
		RestartSec RestartSteps RestartMaxDelaySec Restart TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutSec WatchdogSec
		RuntimeMaxSec SuccessExitStatus RestartPreventExitStatus NotifyAccess FileDescriptorStoreMax OOMPolicy ReloadSignal
		KillMode KillSignal RestartKillSignal SendSIGHUP SendSIGKILL FinalKillSignal WatchdogSignal
		WorkingDirectory User Group DynamicUser SupplementaryGroups UMask Environment EnvironmentFile PassEnvironment
		StateDirectory StateDirectoryMode CacheDirectory RuntimeDirectory LogsDirectory ConfigurationDirectory
		ConfigurationDirectoryMode LoadCredential LoadCredentialEncrypted SetCredential
		LimitCORE LimitNOFILE LimitMEMLOCK LimitNPROC OOMScoreAdjust Nice CPUSchedulingPolicy
		CapabilityBoundingSet AmbientCapabilities NoNewPrivileges SecureBits
		ProtectSystem ProtectHome ReadWritePaths ReadOnlyPaths InaccessiblePaths PrivateTmp PrivateDevices PrivateNetwork PrivateIPC
		PrivateUsers PrivateMounts ProtectHostname ProtectClock ProtectKernelTunables ProtectKernelModules ProtectKernelLogs
		ProtectControlGroups ProtectProc ProcSubset RestrictAddressFamilies RestrictFileSystems RestrictNamespaces
		RestrictRealtime RestrictSUIDSGID RemoveIPC LockPersonality MemoryDenyWriteExecute KeyringMode
		SystemCallFilter SystemCallErrorNumber SystemCallArchitectures SystemCallLog
		StandardInput StandardOutput StandardError SyslogIdentifier LogRateLimitIntervalSec
		IPAddressAllow IPAddressDeny MemoryMax MemoryHigh CPUQuota TasksMax DevicePolicy DeviceAllow Slice`,
	"Install": `WantedBy RequiredBy UpheldBy Alias Also DefaultInstance`,
}

// unit reads a unit: the values of each directive by section, in their order.
func unit(t testing.TB, file string) map[string]map[string][]string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	out := map[string]map[string][]string{}
	section := ""
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			require.Equal(t, "["+section+"]", line)
			require.Nil(t, out[section], "section %s twice", section)
			out[section] = map[string][]string{}
			continue
		}
		name, value, found := strings.Cut(line, "=")
		require.True(t, found, "line %d: %q", i+1, line)
		require.Contains(t, strings.Fields(directives[section]), name, "line %d: no such directive in [%s]", i+1, section)
		out[section][name] = append(out[section][name], value)
	}
	return out
}

// Every directive of the unit is one of systemd's, in its section, and those that make the service safe and watched are
// there.
func TestUnit(t *testing.T) {
	u := unit(t, "systemd/saccade.service")
	require.Equal(t, []string{"multi-user.target"}, u["Install"]["WantedBy"])
	service := u["Service"]
	for name, want := range map[string]string{
		"NotifyAccess": "main", "Restart": "on-failure", "DynamicUser": "yes", "StateDirectory": "saccade", "NoNewPrivileges": "yes",
		"ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "CapabilityBoundingSet": "",
		"MemoryDenyWriteExecute": "yes", "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "UMask": "0077",
		"ConfigurationDirectory": "saccade",
	} {
		require.Equal(t, []string{want}, service[name], name)
	}
	require.Contains(t, []string{"notify", "notify-reload"}, service["Type"][0], "the daemon says itself when it is ready")
	for name, values := range service {
		if strings.HasPrefix(name, "Protect") || strings.HasPrefix(name, "Private") {
			require.NotContains(t, values, "no", name)
		}
		if name != "SystemCallFilter" {
			require.Len(t, values, 1, "%s more than once", name)
		}
	}
	for _, name := range []string{"WatchdogSec", "TimeoutStartSec", "TimeoutStopSec", "RestartSec"} {
		d, err := time.ParseDuration(strings.Replace(service[name][0], "min", "m", 1))
		require.NoError(t, err, name)
		require.Positive(t, d)
	}
}

// longFlag is a flag of a command line, or of a help.
var longFlag = regexp.MustCompile(`--[a-z][a-z-]*`)

// runs demands that the daemon knows a command line, by its own help.
func runs(t testing.TB, args []string) {
	t.Helper()
	require.Equal(t, "serve", args[0])
	var out, errs bytes.Buffer
	require.Zero(t, command.Run(t.Context(), []string{"serve", "--help"}, &out, &errs), errs.String())
	known := longFlag.FindAllString(out.String(), -1)
	flags := 0
	for _, a := range args[1:] {
		if strings.HasPrefix(a, "-") {
			flags++
			require.Contains(t, known, a)
		}
	}
	require.Positive(t, flags)
}

// The unit's command line is one of the daemon's; the configuration beside it is whole, and where the unit looks for it.
func TestUnitRunsTheDaemon(t *testing.T) {
	args := strings.Fields(unit(t, "systemd/saccade.service")["Service"]["ExecStart"][0])
	require.Equal(t, "/usr/local/bin/saccade", args[0])
	runs(t, args[1:])
	at := slices.Index(args, "--config")
	require.Equal(t, "%E/saccade/saccade.yaml", args[at+1], "in the folder that ConfigurationDirectory makes")
	c, err := config.Load("systemd/saccade.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, c.HTTP.Listen, "there is something to watch")
	require.NotEqual(t, config.Default(), c)
	require.GreaterOrEqual(t, service.StallAfter, 30*time.Second, "a store may take as long, and is no reason to be killed")
}

// Where systemd is, it finds nothing wrong with the unit, and little that it could still be kept from.
func TestUnitWithSystemd(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze: the unit was checked without it")
	}
	data, err := os.ReadFile("systemd/saccade.service")
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "saccade.service")
	text := strings.Replace(string(data), "/usr/local/bin/saccade ", self+" ", 1)
	require.NotEqual(t, string(data), text)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	for _, args := range [][]string{
		{"verify", "--man=no", file},
		{"security", "--offline=yes", "--threshold=20", file}, // of 100: less is safer
	} {
		out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
		if strings.Contains(string(out), "unrecogni") {
			t.Logf("this systemd-analyze is too old: %s", out)
			continue
		}
		require.NoError(t, err, "%s", out)
		if args[0] == "verify" {
			require.NotContains(t, string(out), "saccade.service:", "a warning")
		}
	}
}
