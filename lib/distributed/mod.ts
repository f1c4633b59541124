export { localReplicas } from "./local_replicas.ts";
