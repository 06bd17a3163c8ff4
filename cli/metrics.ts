import { Command, EnumType } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
