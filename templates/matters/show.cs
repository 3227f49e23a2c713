<?cs include:"macros.cs" ?><?cs
# Title and Tone say what became of it; Made: electronic certificates come of it. ?><?cs
set:Title = Matter.Item ?><?cs set:Tone = "" ?><?cs
if:Matter.Running ?><?cs set:Refresh = #10 ?><?cs set:Tone = " run" ?><?cs /if ?><?cs
if:Matter.State == "draft" ?><?cs set:Title = Matter.Item + "：待确认" ?><?cs set:Tone = " run" ?><?cs
elif:Matter.State == "signing" ?><?cs set:Title = "证书注销申请表待签章" ?><?cs set:Tone = " run" ?><?cs
elif:Matter.State == "refused" ?><?cs set:Title = "暂不能办理：" + Matter.Item ?><?cs set:Tone = " warn" ?><?cs
elif:Matter.State == "abandoned" ?><?cs set:Title = "申请已撤回" ?><?cs set:Tone = " off" ?><?cs
elif:Matter.Twin ?><?cs set:Title = "证书已调出至其他企业" ?><?cs set:Tone = " off" ?><?cs
elif:Matter.Kind == "cancel" ?><?cs set:Title = "证书注销申请表已完成电子签名" ?><?cs set:Tone = "" ?><?cs
elif:Matter.Kind == "departure" ?><?cs if:Matter.Running ?><?cs set:Title = "正在出具离沪证明" ?><?cs else ?><?cs set:Title = "离沪已办结" ?><?cs /if ?><?cs
else ?><?cs set:Made = #1 ?><?cs
if:Matter.Kind == "rename" && Matter.State == "open" ?><?cs set:Title = "正在办理企业名称变更" ?><?cs
elif:Matter.Running ?><?cs set:Title = "正在生成电子证书" ?><?cs
elif:Matter.Stuck > #0 ?><?cs set:Title = "部分证书更名失败" ?><?cs set:Tone = " warn" ?><?cs
elif:Matter.Failed > #0 ?><?cs set:Title = "部分电子证书生成失败" ?><?cs set:Tone = " warn" ?><?cs
elif:Matter.Kind == "rename" ?><?cs set:Title = "企业名称变更已完成" ?><?cs
elif:Matter.Kind == "name_change" ?><?cs set:Title = "姓名已变更" ?><?cs
elif:Matter.Kind == "correction" ?><?cs set:Title = "证书数据已更正" ?><?cs
elif:Matter.Done > #0 ?><?cs set:Title = "电子证书已生成" ?><?cs /if ?><?cs /if ?><?cs

def:made_progress(all) ?><p role="status"><progress max="<?cs var:all ?>" value="<?cs var:Matter.Done ?>"></progress> 已生成 <?cs var:Matter.Done ?> 本，共 <?cs var:all ?> 本<?cs if:Matter.Failed > #0 ?>，失败 <?cs var:Matter.Failed ?> 本<?cs /if ?></p>
<?cs /def ?><?cs

def:made_failed() ?><?cs if:Matter.Failed > #0 ?><p class="note bad">有 <?cs var:Matter.Failed ?> 本证书未能生成。证书编号已保留，无需重新申请；请联系管理部门处理，并说明事项编号。</p>
<?cs /if ?><?cs /def ?><?cs

def:made() ?><?cs call:made_progress(Matter.Items) ?><h2>接下来</h2>
<?cs if:Matter.Running ?><p>申请已受理，证书正在排队生成。您可以关闭浏览器或办理其他业务，生成会继续进行；之后请在<a href="/certificates/">三类人员电子证书查询</a>中查看并下载。</p>
<?cs elif:Matter.Failed > #0 ?><?cs call:made_failed() ?><?cs else ?><p>可以在下表或<a href="/certificates/">三类人员电子证书查询</a>中查看并下载。请妥善保存事项编号，以便日后查询。</p>
<?cs /if ?><?cs /def ?><?cs

def:stuck_link() ?><?cs if:StuckOnly ?><p>下表只列出失败的证书。<a href="/matters/<?cs var:Matter.Number ?>">显示全部证书</a></p>
<?cs else ?><p><a href="/matters/<?cs var:Matter.Number ?>?stuck=1">只看失败的证书</a></p>
<?cs /if ?><?cs /def ?><?cs

def:renamed() ?><p role="status"><progress max="<?cs var:Matter.Items ?>" value="<?cs var:Matter.Changed ?>"></progress> 已更名 <?cs var:Matter.Changed ?> 本，共 <?cs var:Matter.Items ?> 本<?cs if:Matter.Stuck > #0 ?>，失败 <?cs var:Matter.Stuck ?> 本<?cs /if ?></p>
<?cs if:Matter.Jobs > #0 ?><?cs call:made_progress(Matter.Jobs) ?><?cs /if ?><h2>接下来</h2>
<?cs if:Matter.Running ?><p>办理在后台进行，可以关闭浏览器或办理其他业务。更名后的证书请在<a href="/certificates/">三类人员电子证书查询</a>中查看并下载。</p>
<?cs if:Matter.Stuck > #0 ?><?cs call:stuck_link() ?><?cs /if ?><?cs else ?><?cs call:made_failed() ?><?cs if:Matter.Stuck > #0 ?><p class="note bad">有 <?cs var:Matter.Stuck ?> 本证书没有更名，原因见下表。原因消除后，可以只重新办理这些证书。</p>
<?cs call:stuck_link() ?><?cs if:Matter.State == "done" ?><form method="post" action="/rename/<?cs var:Matter.Number ?>/retry" class="actions"><?cs call:form_hidden() ?><button class="button">重新办理失败的证书</button></form>
<?cs /if ?><?cs else ?><p>更名后的证书可以在下表或<a href="/certificates/">三类人员电子证书查询</a>中查看并下载。</p>
<?cs /if ?><?cs /if ?><?cs /def ?><?cs

def:proof(label) ?><?cs if:Matter.Running ?><p role="status"><?cs var:label ?>正在生成。您可以关闭浏览器，之后从办理记录中下载。</p>
<?cs elif:Matter.Failed > #0 ?><p class="note bad">证书的状态已经变更，但<?cs var:label ?>未能生成。请联系管理部门处理，并说明事项编号。</p>
<?cs /if ?><?cs /def ?><?cs

# What the authority did: the firm did not apply for it, and a correction may make no document. ?><?cs
def:told() ?><p><?cs var:Matter.Reason ?></p>
<?cs if:Matter.Jobs > #0 ?><?cs call:made_progress(Matter.Jobs) ?><h2>接下来</h2>
<?cs if:Matter.Running ?><p>新版电子证书正在排队生成，之后请在<a href="/certificates/">三类人员电子证书查询</a>中查看并下载。原版已作废，请不要再使用。</p>
<?cs elif:Matter.Failed > #0 ?><?cs call:made_failed() ?><?cs else ?><p>证书编号和有效期以下表为准。新版电子证书可以在下表或<a href="/certificates/">三类人员电子证书查询</a>中查看并下载；原版已作废，请不要再使用。暂扣的证书发还之后才能下载。</p>
<?cs /if ?><?cs /if ?><p>由受理窗口提请、管理部门决定。对此有疑问的，请联系管理部门处理，并说明事项编号。</p>
<?cs /def ?><?cs

def:cancelled() ?><p>所列证书已注销。</p>
<?cs call:proof("注销证明文件") ?><p class="actions"><?cs if:Matter.Proof ?><a class="button" href="/matters/<?cs var:Matter.Number ?>/document">下载注销证明文件</a><?cs /if ?><a class="button plain" href="/cancel/">返回申报页面</a><?cs if:Signature.Form ?><a href="/matters/<?cs var:Matter.Number ?>/form">下载已签署的申请表</a><?cs /if ?></p>
<?cs if:Signature.Name ?><dl class="facts"><?cs call:fact("签署人", Signature.Name) ?><?cs call:fact("签署时间", Signature.At) ?><div><dt>数字证书序列号<dd class="id"><?cs var:Signature.Serial ?></div></dl>
<?cs /if ?><?cs /def ?><?cs

def:departed() ?><p>所列证书已在本企业注销（办理转出）。</p>
<?cs call:proof("离沪证明") ?><p class="actions"><?cs if:Matter.Proof ?><a class="button" href="/matters/<?cs var:Matter.Number ?>/document">下载离沪证明</a><?cs /if ?><a class="button plain" href="/departure/">返回出具离沪证明</a></p>
<?cs /def ?><?cs

# What is left to do, by the state; then by what it was. ?><?cs
def:next() ?><?cs if:Matter.State == "draft" ?><p>人员已经查询，还没有确认办理，没有改变任何证书。长时间没有确认的，系统自动撤回。</p>
<p class="actions"><a class="button" href="/<?cs if:Matter.Kind == "renew" ?>apply<?cs else ?><?cs var:Matter.Kind ?><?cs /if ?>/<?cs var:Matter.Number ?>">继续办理</a></p>
<?cs elif:Matter.State == "signing" ?><p>注销申请表须由本企业用法人一证通完成签署。签署之前，证书没有注销，可以撤回。</p>
<p class="actions"><a class="button" href="/cancel/<?cs var:Matter.Number ?>/sign">去签署</a></p>
<?cs elif:Matter.State == "refused" ?><p>以下条件没有满足。本次没有办理，也没有改变任何证书。条件满足后，请重新办理。</p>
<?cs call:verdicts(Refused.Subjects) ?><?cs elif:Matter.State == "abandoned" ?><p>本次申请已经撤回，没有改变任何证书。需要办理的，请重新申请。</p>
<?cs elif:Matter.Twin ?><p>持证人的以下证书已经通过企业隶属关系变更转入其他企业，不再属于本企业。已作废的版本仍可查看。对此有疑问的，请联系管理部门处理，并说明事项编号。</p>
<?cs elif:Matter.Kind == "cancel" ?><?cs call:cancelled() ?><?cs elif:Matter.Kind == "departure" ?><?cs call:departed() ?><?cs elif:Matter.Kind == "rename" ?><?cs call:renamed() ?><?cs elif:Matter.Kind == "name_change" || Matter.Kind == "correction" ?><?cs call:told() ?><?cs else ?><?cs call:made() ?><?cs /if ?><?cs /def ?><?cs

def:fate(row) ?><?cs if:row.Child == "failed" ?><b class="s g3">更名失败</b><?cs if:row.Cause ?><br><?cs var:row.Cause ?><?cs /if ?><?cs elif:row.Child == "done" ?><b class="s">已更名</b><?cs else ?><b class="s g0">等待更名</b><?cs /if ?><?cs /def ?><?cs

def:files(row) ?><?cs if:row.Ours && row.Ready ?><a href="/certificates/<?cs var:row.Id ?>/document">查看并下载</a><?cs /if ?><?cs if:row.Void ?><?cs if:row.Ours && row.Ready ?><br><?cs /if ?><a href="/certificates/<?cs var:row.Id ?>/versions/<?cs var:row.Version ?>/document">查看已作废版本</a><?cs /if ?><?cs /def ?><?cs

def:content() ?><?cs if:Matter.Kind == "apply" || Matter.Kind == "renew" ?><p class="back"><a href="/apply/">返回电子证书申领</a></p>
<?cs elif:Matter.Kind == "transfer" || Matter.Kind == "rename" ?><p class="back"><a href="/transfer/">返回电子证书变更</a></p>
<?cs elif:Matter.Kind == "cancel" ?><p class="back"><a href="/cancel/">返回电子证书注销</a></p>
<?cs elif:Matter.Kind == "departure" ?><p class="back"><a href="/departure/">返回出具离沪证明</a></p>
<?cs elif:Matter.Kind == "exchange" ?><p class="back"><a href="/exchange/">返回纸质证书换领电子证书</a></p>
<?cs /if ?><div id="live"<?cs if:Matter.Running ?> data-poll<?cs /if ?>>
<div class="panel<?cs var:Tone ?>"><h1><?cs var:Title ?></h1>
<p>事项编号<br><b><?cs var:Matter.Number ?></b></p></div>
<?cs call:next() ?><?cs if:?Rows.0.Number ?><table class="list data"><caption><?cs if:Made ?>本事项的电子证书<?cs else ?>本事项涉及的证书<?cs /if ?></caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">类别<?cs if:!Matter.Twin ?><th scope="col">有效期至<?cs if:Matter.Kind == "rename" ?><th scope="col">更名<?cs /if ?><?cs if:Made ?><th scope="col">生成状态<?cs else ?><th scope="col">证书状态<?cs /if ?><?cs /if ?><th scope="col">操作
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><?cs if:row.Ours ?><a href="/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><?cs else ?><?cs var:row.Number ?><?cs /if ?><td data-as="姓名"><?cs var:row.Name ?><td data-as="类别"><?cs var:row.Class ?><?cs if:!Matter.Twin ?><td data-as="有效期至"><?cs var:row.Until ?><?cs if:Matter.Kind == "rename" ?><td data-as="更名"><?cs call:fate(row) ?><?cs /if ?><?cs if:Made ?><td data-as="生成状态"><?cs if:!row.Ours ?><b class="s s06">已调出</b><?cs elif:row.Child != "failed" ?><?cs call:generation(row.Generation, row.Document) ?><?cs /if ?><?cs else ?><td data-as="证书状态"><?cs if:row.Ours ?><?cs call:state(row) ?><?cs else ?><b class="s s06">已调出</b><?cs /if ?><?cs /if ?><?cs /if ?><td><?cs call:files(row) ?>
<?cs /each ?></table>
<?cs /if ?><?cs call:pages("", Next) ?>
<dl class="facts"><?cs call:fact("办理事项", Matter.Item) ?><?cs if:Matter.Name ?><?cs call:fact("姓名", Matter.Name) ?><?cs /if ?><?cs if:Matter.Kind == "rename" ?><?cs call:fact("登记名称", Matter.Enterprise) ?><?cs /if ?><?cs if:Matter.Reason && Matter.Kind == "cancel" ?><?cs call:fact("注销原因", Matter.Reason) ?><?cs /if ?><?cs if:Matter.Province ?><?cs call:fact("转往省市", Matter.Province) ?><?cs /if ?><?cs call:fact("办理状态", Matter.Label) ?><?cs if:Matter.Kind == "name_change" || Matter.Kind == "correction" ?><?cs call:fact("变更时间", Matter.Opened) ?><?cs else ?><?cs call:fact("申请时间", Matter.Opened) ?><?cs /if ?><?cs if:Matter.Closed ?><?cs call:fact("办结时间", Matter.Closed) ?><?cs /if ?><?cs if:Matter.Proof ?><div><dt>公开核验<dd><a href="/verify/<?cs var:Matter.Token ?>">打开核验页面</a></div>
<?cs /if ?></dl></div>
<?cs /def ?><?cs include:"layout.cs" ?>
