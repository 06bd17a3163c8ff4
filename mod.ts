/**
 * Tamper-evident evidence of how a machine-learning model was trained: records in one append-only Merkle log, its head anchored on an EVM
 * chain (or kept in a local ledger), and proofs that anybody can check later without us.
 *
 * @example Record, anchor, prove
 * ```ts
 * import { initialize, openRuntime, parseConfig, verifyProof } from "@pot/ops";
 *
 * const folder = await Deno.makeTempDir();
 * const { origin } = await initialize({ folder, chain: "local" });
 * await using runtime = await openRuntime(parseConfig({ folder, env: {}, file: { origin } }));
 *
 * const { id } = await runtime.recorder.recordCheckpoint({ runId: "run-1", step: 500, metrics: { loss: 0.25 } });
 * await runtime.recorder.anchorPending();
 * const { ok, state } = await verifyProof(await runtime.recorder.prove(id));
 * console.log(ok, state); // true local
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */

// Longer than any other file, as it is the one list of public names.

export {
  type ExitCode,
  PotError,
  type PotErrorOptions,
  UnreachableError,
  UsageError,
} from "./lib/core/errors.ts";
export { canonicalJson } from "./lib/core/canonical_json.ts";
export type { Clock } from "./lib/core/clock.ts";
export { BudgetExceededError, type BudgetLimits } from "./lib/core/budget.ts";
export { FeeCapExceededError, FeeDeferredError, type FeePolicy } from "./lib/core/fee_policy.ts";
export type { LogHead, SignedHead } from "./lib/core/log_head.ts";
export type { LeafRange } from "./lib/core/merkle/proof_ranges.ts";
export type { TransactionSigner, UnsignedTransaction } from "./lib/core/signer.ts";

export { leafHash } from "./lib/core/merkle/leaf_hash.ts";
export { merkleRoot } from "./lib/core/merkle/merkle_root.ts";
export { createMerkleTree, type MerkleTree, type TreeOptions } from "./lib/core/merkle/merkle_tree.ts";
export { createRootAccumulator, type RootAccumulator } from "./lib/core/merkle/root_accumulator.ts";
export type { LeafHashes } from "./lib/core/merkle/leaf_list.ts";
export type { RowHasher } from "./lib/core/merkle/row_hasher.ts";
export { nobleRowHasher } from "./lib/core/merkle/noble_row_hasher.ts";
export { inclusionPath } from "./lib/core/merkle/inclusion_path.ts";
export { type InclusionClaim, verifyInclusion } from "./lib/core/merkle/verify_inclusion.ts";
export { consistencyPath } from "./lib/core/merkle/consistency_path.ts";
export { type ConsistencyClaim, verifyConsistency } from "./lib/core/merkle/verify_consistency.ts";

export {
  type CheckpointHead,
  type CheckpointNote,
  type NoteSignature,
  parseCheckpointNote,
  signCheckpointNote,
  verifyCheckpointNote,
} from "./lib/core/checkpoint_note.ts";
export { formatLogKeys, type LogKey, parseLogKeys } from "./lib/core/log_keys.ts";
export {
  generateNoteKey,
  importNoteSigner,
  type NoteKeyPair,
  type NoteSigner,
  parseWitnessKey,
  type VerifierKey,
} from "./lib/core/note_key.ts";
export { type Cosignature, findCosignature, type FoundCosignature } from "./lib/core/cosignature.ts";
export { parseUrlPrefix } from "./lib/core/parse_url_prefix.ts";

export {
  type Artifact,
  type JsonValue,
  type MetricValue,
  RECORD_SCHEMA,
  type RecordEvent,
  type RecordKind,
  type TensorInfo,
  type TrainingRecord,
} from "./lib/core/record.ts";
export { parseEvent } from "./lib/core/parse_event.ts";
export { parseRecord } from "./lib/core/parse_record.ts";
export { encodeRecord, eventKey } from "./lib/core/encode_record.ts";
export {
  compareManifests,
  encodeManifest,
  type ManifestDifference,
  type ManifestFile,
  parseManifest,
} from "./lib/core/manifest.ts";

export {
  type AnchoredHead,
  type AnchorHead,
  type EvmAnchor,
  type EvmProofAnchor,
  type LocalAnchor,
  type LocalProofAnchor,
  type Proof,
  PROOF_SCHEMA,
  type ProofAnchor,
  type ProofInclusion,
  type ProofState,
  type ReceiptProof,
} from "./lib/verify/proof.ts";
export { parseProof } from "./lib/verify/parse_proof.ts";
export { formatProof } from "./lib/verify/format_proof.ts";
export { type VerifyOptions, verifyProof } from "./lib/verify/verify_proof.ts";
export { BATCH_PROOF_SCHEMA, type BatchProof, type BatchRecord } from "./lib/verify/batch_proof.ts";
export { parseBatchProof } from "./lib/verify/parse_batch_proof.ts";
export { formatBatchProof } from "./lib/verify/format_batch_proof.ts";
export {
  type BatchVerdict,
  type RecordStanding,
  type VerifyBatchOptions,
  verifyBatchProof,
} from "./lib/verify/verify_batch_proof.ts";
export { extractProof } from "./lib/verify/extract_proof.ts";
export type { TrustedKey } from "./lib/verify/check_head_note.ts";
export {
  type AnchorStanding,
  type Check,
  type Level,
  type Reach,
  type Verdict,
  verdictExitCode,
} from "./lib/verify/verdict.ts";
export {
  type ExpectedReceipt,
  type ReceiptVerdict,
  verifyReceiptProof,
} from "./lib/verify/verify_receipt_proof.ts";
export type { ExpectedEvent } from "./lib/verify/anchored_event.ts";
export type { RpcEndpoint } from "./lib/verify/rpc_endpoint.ts";
export type { WitnessPolicy } from "./lib/verify/check_witnesses.ts";
export {
  formatTlogProof,
  parseTlogProof,
  type TlogProof,
  verifyTlogProof,
  type VerifyTlogProofOptions,
} from "./lib/verify/tlog_proof.ts";
export { type ExportedTlogProof, tlogProofOf, type TlogProofOfOptions } from "./lib/verify/tlog_proof_of.ts";
export {
  IN_TOTO_STATEMENT_TYPE,
  type InTotoAnchor,
  type InTotoStatement,
  inTotoStatement,
  type InTotoSubject,
  TRAINING_RECORD_PREDICATE_TYPE,
  type TrainingRecordPredicate,
} from "./lib/verify/in_toto_statement.ts";

export type {
  FileHandle,
  FileLayer,
  FileLock,
  FileStat,
  FolderEntry,
  LockOptions,
  OpenOptions,
} from "./lib/io/file_layer.ts";
export { LockHeldError } from "./lib/io/lock_held_error.ts";
export { CorruptFileError, type CorruptFileErrorOptions } from "./lib/io/corrupt_file_error.ts";
export { denoFiles } from "./lib/io/deno_files.ts";
export { digestFile, type FileDigest } from "./lib/io/digest_file.ts";
export { digestFolder, type FolderDigest } from "./lib/io/digest_folder.ts";
export type { DigestOptions, DigestProgress } from "./lib/io/hash_files.ts";
export type { DescribeModelOptions } from "./lib/io/describe_model.ts";
export { type ReadArtifact, readArtifacts, type ReadArtifactsOptions } from "./lib/io/read_artifacts.ts";
export { type DocumentStore, openDocumentStore } from "./lib/io/document_store.ts";

export type { KeySource } from "./lib/keys/key_source.ts";
export { createEnvKeySource, type EnvKeyOptions } from "./lib/keys/env_key_source.ts";
export { type AwsSsmKeyOptions, createAwsSsmKeySource } from "./lib/keys/aws_ssm_key_source.ts";
export { type AwsKmsKeyOptions, createAwsKmsKeySource } from "./lib/keys/aws_kms_key_source.ts";
export type { AwsCredentials, AwsOptions } from "./lib/keys/aws_client.ts";
export {
  createDigestSigner,
  type DigestSignerOptions,
  type EcdsaSignature,
} from "./lib/keys/digest_signer.ts";
export {
  type AzureSecretKeyOptions,
  createAzureSecretKeySource,
} from "./lib/keys/azure_secret_key_source.ts";
export { type AzureKeyOptions, createAzureKeyKeySource } from "./lib/keys/azure_key_source.ts";
export { createVaultKeySource, type VaultKeyOptions } from "./lib/keys/vault_key_source.ts";
export {
  createExternalSignerKeySource,
  type ExternalSignerOptions,
} from "./lib/keys/external_signer_key_source.ts";
export { SigningDeniedError } from "./lib/keys/signer_error.ts";
export { type CheckedKeySourceOptions, createCheckedKeySource } from "./lib/keys/checked_key_source.ts";
export { formatKeyUri } from "./lib/keys/format_key_uri.ts";
export {
  type AwsKmsKeyUri,
  type AwsPlace,
  type AwsSsmKeyUri,
  type AzureKeyKeyUri,
  type AzureSecretKeyUri,
  type EnvKeyUri,
  type KeystoreKeyUri,
  type KeyUri,
  parseKeyUri,
  type SignerKeyUri,
  type VaultKeyUri,
} from "./lib/keys/parse_key_uri.ts";

export type { AppendResult, CheckpointOptions, Log, LogDraft, RunSummary, SignHead } from "./lib/log/log.ts";
export { openFileLog, type OpenFileLogOptions } from "./lib/log/file_log.ts";
export { openPostgresLog, type OpenPostgresLogOptions } from "./lib/log/postgres_log.ts";
export type { PostgresConnectionOptions } from "./lib/log/postgres_connection.ts";
export { copyLog, type CopyLogOptions, type LogCopy } from "./lib/log/copy_log.ts";
export { publishLog, type PublishLogOptions } from "./lib/log/publish_log.ts";
export { checkServedLog, type CheckServedLogOptions } from "./lib/log/check_served_log.ts";
export {
  type ServedFile,
  type ServedFiles,
  servedFromFolder,
  servedOverHttp,
} from "./lib/log/served_files.ts";
export type { ServedLogProblem, ServedLogReport, ServedLogWarning } from "./lib/log/served_log_report.ts";
export {
  type AskWitnessOptions,
  type CosignedBy,
  type Witness,
  WitnessRefusedError,
} from "./lib/log/ask_witness.ts";
export type { HttpFetch } from "./lib/io/http_request.ts";
export type { EventIdentity } from "./lib/log/log_state.ts";

export type {
  AnchorFacts,
  AnchorOptions,
  AnchorState,
  ChainClient,
  ChainHealth,
  EvmAnchorFacts,
  EvmInclusion,
  HealthCheck,
  LocalAnchorFacts,
  ReadOptions,
  RefreshOptions,
  StoredHash,
  StoredHashOptions,
  WriteOptions,
} from "./lib/chain/chain_client.ts";
export {
  ChainError,
  type ChainFailure,
  type DefiniteFailure,
  type DefiniteKind,
  type EndpointFailure,
  type RetryableKind,
} from "./lib/chain/chain_error.ts";
export {
  type BroadcastOutcome,
  createEndpointPool,
  type DefiniteOutcome,
  type EndpointAnswer,
  type EndpointPool,
  type EndpointPoolOptions,
  type PoolCallOptions,
  type PoolReadOptions,
} from "./lib/chain/endpoint_pool.ts";
export type { Fetch } from "./lib/chain/http_endpoint.ts";
export type { RpcCall, RpcOutcome } from "./lib/chain/json_rpc_endpoint.ts";
export type { EndpointHealth } from "./lib/chain/pool_member.ts";
export {
  createWritePause,
  type PauseNote,
  type WritePause,
  WritesPausedError,
} from "./lib/chain/write_pause.ts";
export type { EventFrame, SenderEventName } from "./lib/chain/journal_entry.ts";
export type { Network } from "./lib/chain/networks.ts";
export type { EvmClientOptions } from "./lib/chain/evm_client.ts";
export type { SendingOptions, WriteIntent } from "./lib/chain/sending_options.ts";
export {
  createFollowingClient as createEvmClient,
  type FollowingClientOptions,
} from "./lib/chain/following_client.ts";
export { createLocalClient, type LocalClientOptions } from "./lib/chain/local_client.ts";
export { createFallbackClient } from "./lib/chain/fallback_client.ts";
export { createRpcEndpoint, type RpcEndpointOptions } from "./lib/chain/rpc_endpoint.ts";
export {
  proofOfTrainingAbi,
  proofOfTrainingBytecode,
  proofOfTrainingCodeHash,
} from "./contracts/artifact.ts";

export type { Anchor } from "./lib/recorder/anchor_line.ts";
export { type AnchorStore, openAnchorStore } from "./lib/recorder/anchor_store.ts";
export { openStoredHashes, type StoredHashes } from "./lib/recorder/stored_hashes.ts";
export {
  cosignCheckpoints,
  type CosignedCheckpoint,
  type CosignOutcome,
  type CosignSources,
  type SkippedCheckpoint,
} from "./lib/recorder/cosign_checkpoints.ts";
export {
  type AnchorOutcome,
  type AnchorPendingOptions,
  createRecorder,
  type Recorder,
  type RecorderDeps,
  type RecorderOptions,
  type RecorderStatus,
  type RecordResult,
  type UpgradedBatchProof,
  type UpgradedProof,
  type UpgradeOptions,
} from "./lib/recorder/recorder.ts";
export { type AskChain, refreshProof } from "./lib/recorder/refresh_proof.ts";
export { openAnchorAsker, type OpenAnchorAskerOptions } from "./lib/runtime/open_anchor_asker.ts";

export {
  formatMetrics,
  METRICS_CONTENT_TYPES,
  type MetricsFormat,
} from "./lib/core/metrics/format_metrics.ts";
export {
  counter,
  family,
  gauge,
  histogram,
  type HistogramValue,
  info,
  type Labels,
  type Metric,
  type MetricFamily,
  type MetricOptions,
  type MetricSample,
  type MetricType,
} from "./lib/core/metrics/metric.ts";
export {
  createMetricRegistry,
  type MetricCollector,
  type MetricRegistryOptions,
  type MetricsSource,
} from "./lib/core/metrics/metric_registry.ts";
export { negotiateMetrics } from "./lib/core/metrics/negotiate_metrics.ts";
export { createStatusApp, type StatusApp, type StatusAppDeps } from "./lib/server/status_app.tsx";
export type { ServerAccess } from "./lib/server/guard_mutations.ts";

export { type Role, ROLES } from "./lib/access/roles.ts";
export { type Permission, PERMISSIONS, type Verb } from "./lib/access/permissions.ts";
export { LOCAL_PRINCIPAL, type Principal } from "./lib/access/principal.ts";
export { authorize, isAllowed } from "./lib/access/authorize.ts";
export {
  AuthenticationError,
  type AuthenticationFailure,
  PermissionError,
} from "./lib/access/access_errors.ts";
export type { AccessGate } from "./lib/access/access_gate.ts";
export type { AuditTrail } from "./lib/access/audit_trail.ts";
export type { TrailEntry, TrailOutcome, TrailPrincipal } from "./lib/access/trail_line.ts";
export type { Authenticator } from "./lib/access/authenticator.ts";
export type { Authentication, CreatedToken, NewToken, TokenStore } from "./lib/access/token_store.ts";
export type { TokenEntry } from "./lib/access/token_file.ts";
export { type Access, openAccess, type OpenAccessOptions } from "./lib/runtime/open_access.ts";
export type { RpcMeter } from "./lib/chain/rpc_meter.ts";
export {
  comparePattern,
  isOutOfPattern,
  type OutOfPatternOptions,
  type PatternVerdict,
} from "./lib/core/robust_rate.ts";

export type {
  AccessConfig,
  Config,
  CostConfig,
  EvmConfig,
  ExplorerConfig,
  KeyAccessConfig,
  PriceConfig,
  SendingConfig,
  SigningConfig,
  VaultLoginConfig,
} from "./lib/runtime/config.ts";
export { parseConfig, type ParseConfigOptions } from "./lib/runtime/parse_config.ts";
export type { SettingSources } from "./lib/runtime/read_settings.ts";
export type { JobConfig, JobsConfig } from "./lib/runtime/sections/jobs_section.ts";
export type { SettingName, SettingTypes } from "./lib/runtime/settings.ts";
export type { AccessSettings } from "./lib/runtime/settings/access_settings.ts";
export type { AlertSettings } from "./lib/runtime/settings/alert_settings.ts";
export type { BackupSettings } from "./lib/runtime/settings/backup_settings.ts";
export type { ChainSettings } from "./lib/runtime/settings/chain_settings.ts";
export type { CostSettings } from "./lib/runtime/settings/cost_settings.ts";
export type { HomeSettings } from "./lib/runtime/settings/home_settings.ts";
export type { KeySettings } from "./lib/runtime/settings/key_settings.ts";
export type { NetworkSettings } from "./lib/runtime/settings/network_settings.ts";
export type { SendingSettings } from "./lib/runtime/settings/sending_settings.ts";
export type { SignerSettings } from "./lib/runtime/settings/signer_settings.ts";
export { initialize, type Initialized, type InitializeOptions } from "./lib/runtime/initialize.ts";
export {
  type BackupOptions,
  type Backups,
  type FindBackupOptions,
  type FoundBackup,
  type ListedTarget,
  openBackups,
  type OpenBackupsOptions,
} from "./lib/runtime/open_backups.ts";
export type { BackupConfig } from "./lib/runtime/backup_config.ts";
export type { TargetPlace } from "./lib/backup/parse_target.ts";
export type { S3Credentials } from "./lib/backup/s3_client.ts";
export type { BackupTarget, ObjectContent, TargetObject, TargetOptions } from "./lib/backup/backup_target.ts";
export type { StoredBackup, TargetListing } from "./lib/backup/list_backups.ts";
export type { CreatedBackup, TargetOutcome } from "./lib/backup/create_backup.ts";
export type { BackupNote, VerifiedDepth, VerifiedMark } from "./lib/backup/backup_note.ts";
export type { BackupFacts, ChainPosition } from "./lib/backup/backup_manifest.ts";
export type { RetentionDecision, RetentionRule } from "./lib/core/retention_rule.ts";
export { openRuntime, type OpenRuntimeOptions, type Runtime } from "./lib/runtime/open_runtime.ts";
export type { PublicKeyFacts, RotationStep } from "./lib/runtime/key_rotation_file.ts";
export { KeyNotInForceError } from "./lib/runtime/key_rotation_guard.ts";
export type { Writer } from "./lib/runtime/open_signer.ts";
export {
  type AbortedRotation,
  abortKeyRotation,
  rotateSigningKey,
  type RotateSigningKeyOptions,
  type RotationEvent,
  type SigningKeyRotation,
} from "./lib/runtime/rotate_signing_key.ts";
export type { KeySettingPlaces, SettingSwitch } from "./lib/runtime/switch_key_setting.ts";
export { systemClock } from "./lib/runtime/system_clock.ts";
export {
  createRecordingPolicy,
  type EveryRule,
  type ImprovementRule,
  type PolicyDecision,
  type PolicyEvent,
  type PolicySummary,
  type RecordingPolicy,
  type RecordingPolicySpec,
  type RecordingRule,
} from "./lib/core/recording_policy.ts";
export { parseRecordingPolicy } from "./lib/core/parse_recording_policy.ts";
export { type CheckpointName, readCheckpointName } from "./lib/core/checkpoint_name.ts";
export { compileNamePattern, type NamePattern } from "./lib/core/name_pattern.ts";
export {
  createRunOrderCheck,
  type RecordPlace,
  type RunEntry,
  type RunFinding,
  type RunFindingKind,
  type RunOrderCheck,
  type RunOrderOptions,
} from "./lib/core/run_order.ts";
export {
  type PolicyOutcome,
  type PolicyRecorder,
  type PolicyRecorderSummary,
  recordByPolicy,
} from "./lib/recorder/record_by_policy.ts";

export type { AlertChannel, Delivery, Notification, NotifiedAlert } from "./lib/alerts/alert_channel.ts";
export { isAtLeast, parseSeverity, SEVERITIES, type Severity } from "./lib/alerts/severity.ts";
export type {
  AlertRule,
  MissingData,
  SeverityByStatus,
  StatusCondition,
  ValueCondition,
} from "./lib/alerts/alert_rule.ts";
export type { Alerts, Announcement, DeliverySummary, Seen } from "./lib/alerts/alerts.ts";
export type { HealthStatus, Observation, Occurrence } from "./lib/core/observation.ts";
export type { StateDocument, StateStore } from "./lib/io/state_store.ts";
export { StateConflictError } from "./lib/io/state_conflict_error.ts";
export { type Redact, redactJson, redactText } from "./lib/core/redact.ts";
export { createRedactor, type Redactor } from "./lib/core/redactor.ts";
export { TlsError } from "./lib/core/tls_error.ts";
export { pinCertificates } from "./lib/runtime/pin_certificates.ts";
export type { AcknowledgeOptions, AlertsAdmin, NewSilence } from "./lib/alerts/alerts_admin.ts";
export { createAlerts, type CreateAlertsOptions } from "./lib/alerts/create_alerts.ts";
export { DEFAULT_RULES } from "./lib/alerts/default_rules.ts";
export type { Acknowledgement, ChannelState, DeadLetter, Silence } from "./lib/alerts/engine/alert_state.ts";
export type { AlertLimits } from "./lib/alerts/engine/limits.ts";
export type { AlertsView, AlertView, ChannelView, IncidentView } from "./lib/alerts/engine/view.ts";
export type { AlertsConfig } from "./lib/runtime/sections/alerts_section.ts";
export type { HttpChannelOptions } from "./lib/alerts/post_json.ts";
export { createSlackChannel, type SlackChannelOptions } from "./lib/alerts/slack_channel.ts";
export type { SlackClientOptions } from "./lib/alerts/slack_client.ts";
export {
  createSlackWebhookChannel,
  type SlackWebhookChannelOptions,
} from "./lib/alerts/slack_webhook_channel.ts";
export { createPagerDutyChannel, type PagerDutyChannelOptions } from "./lib/alerts/pagerduty_channel.ts";
export { type ChangeEvent, type PagerDutyOptions, sendChangeEvent } from "./lib/alerts/pagerduty_events.ts";
export { createEmailChannel, type EmailChannelOptions } from "./lib/alerts/email_channel.ts";
export { parseSmtpUrl, type SmtpServer } from "./lib/alerts/smtp_url.ts";
export {
  ALERT_SCHEMA,
  createWebhookChannel,
  type WebhookBody,
  type WebhookChannelOptions,
} from "./lib/alerts/webhook_channel.ts";
export { sendHeartbeat } from "./lib/alerts/heartbeat.ts";
export type { AlertingConfig, Leveled, SecretConfig } from "./lib/runtime/alerting_config.ts";
export { type AlertingSources, alertSource, openAlertChannels } from "./lib/runtime/open_alert_channels.ts";
