package command

type fpgaCmd struct {
	Serve fpgaServeCmd `cmd:"" help:"Simulate the accelerator as a process of its own, which hosts reach over sockets."`
	Info  fpgaInfoCmd  `cmd:"" help:"Tell what a device somewhere else says of itself."`
}
