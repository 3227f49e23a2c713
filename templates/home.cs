<?cs include:"macros.cs" ?><?cs set:Title = "首页" ?><?cs def:content() ?><h1><?cs var:Session.Label ?>，您好</h1>
<p class="lead">今天是 <?cs var:Today ?>。以下是需要您处理或关注的事项。</p>
<ul class="tiles">
<li<?cs if:Waiting.ToExchange > #0 ?> class="due"<?cs /if ?>><a href="/exchange/"><b><?cs var:Waiting.ToExchange ?></b><span>本纸质证书待换领</span></a>
<li<?cs if:Waiting.Expiring > #0 ?> class="due"<?cs /if ?>><a href="/certificates/?show=expiring"><b><?cs var:Waiting.Expiring ?></b><span>本电子证书 <?cs var:Waiting.RenewDays ?> 天内到期</span></a>
<li><a href="/certificates/?show=generating"><b><?cs var:Waiting.Generating ?></b><span>本电子证书正在生成</span></a>
<li<?cs if:Waiting.Failed > #0 ?> class="bad"<?cs /if ?>><a href="/certificates/?show=failed"><b><?cs var:Waiting.Failed ?></b><span>本电子证书生成失败</span></a>
<li><a href="/certificates/?show=valid"><b><?cs var:Waiting.Valid ?></b><span>本电子证书有效</span></a>
</ul>
<?cs if:Waiting.Failed > #0 ?><p class="note bad">有电子证书生成失败。请在“三类人员电子证书查询”中打开该证书查看原因。</p>
<?cs /if ?><h2>办理业务</h2>
<ul class="cards">
<li><a href="/exchange/">纸质证书换领电子证书</a><p>将有效期内的纸质证书换成电子证书，可一次换领多本。</p>
<li><a href="/certificates/">三类人员电子证书查询</a><p>按姓名或证书编号查询本企业的电子证书，查看并下载。</p>
</ul>
<h2>帮助与安全</h2>
<ul class="cards">
<li><a href="/help/">操作手册</a><p>各项业务的办理步骤和常见问题。</p>
<li><a href="/verify/">证书核验</a><p>核验任何一本三类人员电子证书的真伪和当前状态。</p>
<li><form method="post" action="/logout/everywhere"><?cs call:form_csrf() ?><button class="link">退出所有设备上的登录</button></form><p>在其他电脑上忘记退出时使用。</p>
</ul>
<?cs /def ?><?cs include:"layout.cs" ?>
