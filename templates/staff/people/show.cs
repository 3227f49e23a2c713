<?cs include:"macros.cs" ?><?cs set:Title = Person.Name ?><?cs def:content() ?><p class="back"><a href="/staff/people/">返回身份信息采集</a></p>
<?cs if:Done == "used" ?><p class="todo" role="status"><b>照片已采集</b>已启用为使用中的照片，企业现在可以为该人员申领证书。</p>
<?cs elif:Done == "same" ?><p class="note" role="status">提交的照片与使用中的照片相同，没有改变。</p>
<?cs /if ?><div class="head"><h1><?cs var:Person.Name ?></h1><p class="actions"><a href="/staff/history/people/<?cs var:Person.Id ?>">历史</a><?cs if:May.Capture ?><a class="button" href="/staff/capture/<?cs var:Person.Id ?>">采集照片</a><?cs /if ?></p></div>
<section class="sheet"><h2>人员信息</h2>
<?cs if:Person.Photo ?><img src="/staff/people/<?cs var:Person.Id ?>/photos/<?cs var:Person.Photo ?>" alt="<?cs var:Person.Name ?>使用中的照片" width="105" height="147">
<?cs /if ?><dl>
<div><dt><?cs var:Person.IdType ?><dd><?cs if:Person.Number ?><b class="id"><?cs var:Person.Number ?></b>（本次查看已记入审计日志）<?cs else ?><?cs var:Person.IdNumber ?><form method="post" action="/staff/people/<?cs var:Person.Id ?>/number"><?cs call:form_csrf() ?><button class="link">显示完整证件号码</button></form><?cs /if ?></div>
<?cs call:fact("性别", Person.Sex) ?><?cs call:fact("出生日期", Person.Birth) ?><?cs call:fact("文化程度", Person.Education) ?><?cs if:Person.Title ?><?cs call:fact("技术职称", Person.Title) ?><?cs /if ?><div><dt>电话<dd><?cs if:Person.Phone > #0 ?>已登记<?cs else ?>未登记<?cs /if ?></div>
<?cs call:fact("登记时间", Person.Created) ?><?cs if:!Person.Photo ?><div><dt>照片<dd><b class="s s02">未采集</b></div>
<?cs /if ?></dl></section>
<?cs if:?Waiting.0.Number ?><table class="list data"><caption>等待决定的事项</caption>
<thead><tr><th scope="col">事项编号<th scope="col">种类<th scope="col">提请<th scope="col">决定期限
<tbody>
<?cs each:row = Waiting ?><tr><th scope="row"><a href="/staff/proposals/<?cs var:row.Number ?>"><?cs var:row.Number ?></a><td data-as="种类"><?cs var:row.Kind ?><td data-as="提请"><?cs var:row.Proposer ?><br><?cs var:row.Proposed ?><td data-as="决定期限"><?cs var:row.Deadline ?>
<?cs /each ?></table>
<?cs /if ?><h2>照片</h2>
<?cs if:?Captures.0.Id ?><ul class="photos"><?cs each:one = Captures ?><li<?cs if:one.Used ?> class="used"<?cs /if ?>><img src="/staff/people/<?cs var:Person.Id ?>/photos/<?cs var:one.Id ?>" alt="第 <?cs var:one.Id ?> 号照片" width="75" height="105" loading="lazy"><p><b class="s<?cs if:one.Label == "待复核" ?> s02<?cs elif:!one.Used ?> s04<?cs /if ?>"><?cs var:one.Label ?></b><br><?cs var:one.Source ?><br><?cs var:one.At ?><?cs if:one.By ?><br><?cs var:one.By ?><?cs /if ?></p><?cs /each ?></ul>
<?cs else ?><p class="empty">还没有采集照片。没有照片的人员不能换领和申领证书。</p>
<?cs /if ?><?cs if:?Certificates.0.Id ?><table class="list data"><caption>电子证书（各企业）</caption>
<thead><tr><th scope="col">证书编号<th scope="col">类别<th scope="col">企业<th scope="col">职务<th scope="col">有效期至<th scope="col">证书状态
<tbody>
<?cs each:row = Certificates ?><tr><th scope="row"><a href="/staff/history/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><td data-as="类别"><?cs var:row.Class ?><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="职务"><?cs var:row.Post ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="证书状态"><?cs call:state(row) ?>
<?cs /each ?></table>
<?cs else ?><p class="quiet">该人员没有电子证书。</p>
<?cs /if ?><p class="actions"><?cs if:May.Capture ?><a href="/staff/name-change/people/<?cs var:Person.Id ?>">变更姓名</a> <a href="/staff/corrections/people/<?cs var:Person.Id ?>">更正信息</a> <?cs /if ?><a href="/staff/evidence/<?cs var:Person.Id ?>">查看考核与参保记录</a> <a href="/staff/history/people/<?cs var:Person.Id ?>">查看该人员的全部历史</a></p>
<?cs if:May.Export ?><form method="post" action="/staff/people/<?cs var:Person.Id ?>/export" class="actions" data-download><?cs call:form_csrf() ?><button class="button plain">导出该人员的全部数据</button></form>
<p class="quiet">应本人要求提供时使用：一个压缩文件，含完整证件号码、全部记录、照片、材料扫描件和电子文件。导出记入审计日志。</p>
<?cs /if ?><p class="quiet"><a href="/help/staff-capture">操作手册：身份信息采集</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
