<?cs include:"macros.cs" ?><?cs include:"_notice.cs" ?><?cs set:Title = "首页" ?><?cs def:content() ?><h1><?cs var:Session.Label ?>，您好</h1>
<?cs call:notices(Notices) ?><p class="lead">今天是 <?cs var:Today ?>。以下是需要您处理或关注的事项。</p>
<ul class="tiles">
<li<?cs if:Waiting.ToExchange > #0 ?> class="due"<?cs /if ?>><a href="/exchange/"><b><?cs var:Waiting.ToExchange ?> <small>本</small></b><span>纸质证书待换领</span></a>
<li<?cs if:Waiting.Expiring > #0 ?> class="due"<?cs /if ?>><a href="/certificates/?show=expiring"><b><?cs var:Waiting.Expiring ?> <small>本</small></b><span>电子证书 <?cs var:Waiting.RenewDays ?> 天内到期</span></a>
<li><a href="/certificates/?show=generating"><b><?cs var:Waiting.Generating ?> <small>本</small></b><span>电子证书正在生成</span></a>
<li<?cs if:Waiting.Failed > #0 ?> class="bad"<?cs /if ?>><a href="/certificates/?show=failed"><b><?cs var:Waiting.Failed ?> <small>本</small></b><span>电子证书生成失败</span></a>
<li><a href="/certificates/?show=valid"><b><?cs var:Waiting.Valid ?> <small>本</small></b><span>电子证书有效</span></a>
<?cs if:Signing > #0 ?><li class="due"><a href="/cancel/?state=signing"><b><?cs var:Signing ?> <small>份</small></b><span>注销申请表待签章</span></a>
<?cs /if ?><?cs if:Outdated > #0 && !Rename ?><li class="due"><a href="/rename/"><b><?cs var:Outdated ?> <small>本</small></b><span>证书的企业名称待变更</span></a>
<?cs /if ?></ul>
<?cs if:Waiting.Failed > #0 ?><p class="note bad">有电子证书生成失败。请在“三类人员电子证书查询”中打开该证书查看原因。</p>
<?cs /if ?><?cs if:Drafts > #0 ?><p class="note">有 <?cs var:Drafts ?> 项申请已经查询、尚未确认。请在办理记录中继续办理或撤回：<a href="/apply/?state=draft">申领</a>、<a href="/transfer/?state=draft">变更</a>、<a href="/cancel/?state=draft">注销</a>、<a href="/departure/?state=draft">离沪</a>。</p>
<?cs /if ?><?cs if:Rename ?><p class="note">企业名称变更正在后台办理：<a href="/matters/<?cs var:Rename ?>"><?cs var:Rename ?></a></p>
<?cs /if ?><?cs if:?Told.0.Number ?><h2>受理窗口最近变更的证书</h2>
<ul class="facts"><?cs each:row = Told ?><li><a href="/matters/<?cs var:row.Number ?>"><?cs var:row.Name ?></a>　<?cs var:row.What ?>　<?cs var:row.At ?><?cs /each ?></ul>
<?cs /if ?><?cs if:?Left.0.Number ?><h2>最近调出本企业的证书</h2>
<ul class="facts"><?cs each:row = Left ?><li><a href="/matters/<?cs var:row.Number ?>"><?cs var:row.Name ?></a>　<?cs var:row.At ?><?cs /each ?></ul>
<?cs /if ?><?cs if:?Expiring.0.Id ?><h2>最先到期的证书</h2>
<table class="list data"><caption>到期前请<a href="/apply/new">去延期</a>，到期未延期的证书失效</caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">有效期至<th scope="col">剩余天数
<tbody>
<?cs each:row = Expiring ?><tr><th scope="row"><a href="/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><td data-as="姓名"><?cs var:row.Name ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="剩余天数"><?cs if:row.Days > #1 ?><?cs var:row.Days ?> 天<?cs else ?>今天到期<?cs /if ?>
<?cs /each ?></table>
<?cs /if ?><h2>办理业务</h2>
<ul class="cards">
<li><a href="/exchange/">纸质证书换领电子证书</a><p>将有效期内的纸质证书换成电子证书，可一次换领多本。</p>
<li><a href="/certificates/">三类人员电子证书查询</a><p>按姓名或证书编号查询本企业的电子证书，查看并下载。</p>
<li><a href="/apply/">电子证书申领</a><p>初次申领、到期延期、外省市企业继续教育证书申领。</p>
<li><a href="/transfer/">电子证书变更</a><p>人员转入本企业、本企业更名后变更电子证书。</p>
<li><a href="/cancel/">电子证书注销</a><p>注销本企业人员的电子证书，下载注销证明文件。</p>
<li><a href="/departure/">出具离沪证明</a><p>为离开本市的持证人办理转出，下载离沪证明。</p>
</ul>
<h2>帮助与安全</h2>
<ul class="cards">
<li><a href="/help/">操作手册</a><p>各项业务的办理步骤和常见问题。</p>
<li><a href="/verify/">证书核验</a><p>核验任何一本三类人员电子证书、注销证明或离沪证明。</p>
<li><form method="post" action="/logout/everywhere"><?cs call:form_csrf() ?><button class="link">退出所有设备上的登录</button></form><p>在其他电脑上忘记退出时使用。</p>
</ul>
<?cs /def ?><?cs include:"layout.cs" ?>
