export {
  checkProtectedResource,
  checkResponseIssuer,
  checkServerMetadata,
  isOpenableUrl,
  type FlowRefusal,
  type RecordedFlow,
} from './flow-checks.ts';
